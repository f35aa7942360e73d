"""`python -m potok` is `potok`, for where scripts are not on the path."""

from potok.cli.main import run

if __name__ == "__main__":
    run()
