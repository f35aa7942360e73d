"""Database URLs: what they name, and how they are shown without credentials."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from potok.core.errors import UsageError
from potok.core.language import gettext as _

SQLITE_PREFIX: Final = "sqlite:///"
POSTGRESQL_SCHEMES: Final = ("postgresql", "postgres")
ALLOWED_PARAMETERS: Final = (
    "application_name",
    "connect_timeout",
    "host",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "target_session_attrs",
    "user",
)


class DatabaseUrlError(UsageError):
    """A database URL that cannot be understood."""

    code = "POTOK-E020"


@dataclass(frozen=True, slots=True)
class SqliteUrl:
    """An SQLite file."""

    path: Path

    @property
    def shown(self) -> str:
        """The URL as it may be shown and stored."""
        return SQLITE_PREFIX + self.path.as_posix()


@dataclass(frozen=True, slots=True)
class PostgresqlUrl:
    """A PostgreSQL database.

    Parameters
    ----------
    parameters
        Connection parameters as libpq names them; it takes missing ones from the environment (``PGPASSWORD``).
    """

    parameters: dict[str, str] = field(repr=False)

    @property
    def shown(self) -> str:
        """The URL as it may be shown and stored: without user and password."""
        host = self.parameters.get("host", "")
        port = f":{self.parameters['port']}" if "port" in self.parameters else ""
        return f"postgresql://{quote(host, safe=',')}{port}/{quote(self.parameters.get('dbname', ''))}"

    def scrub(self, message: str) -> str:
        """Return a driver's message without the password, in case it holds it."""
        password = self.parameters.get("password", "")
        for secret in (password, quote(password, safe=""), quote(password)):
            message = message.replace(secret, "***") if secret else message
        return " ".join(message.split())


def parse_database_url(url: str) -> SqliteUrl | PostgresqlUrl:
    """Understand ``sqlite:///path`` and ``postgresql://user:password@host:port/database``.

    Raises
    ------
    DatabaseUrlError
        If it is neither. The message never repeats what could be a password.
    """
    if url.startswith(SQLITE_PREFIX) and len(url) > len(SQLITE_PREFIX):
        return SqliteUrl(_sqlite_path(url.removeprefix(SQLITE_PREFIX)))
    scheme = url.partition(":")[0]
    if scheme not in POSTGRESQL_SCHEMES or "://" not in url:
        raise _url_error(_("The address does not name a database that Potok can read."))
    try:
        parts = urlsplit(url)
        return PostgresqlUrl(_parameters(parts))
    except ValueError:
        # Its message would quote a part of the address, perhaps of the password.
        raise _url_error(_("The address of the database cannot be understood.")) from None


def _url_error(message: str) -> DatabaseUrlError:
    return DatabaseUrlError(
        message,
        remedy=_(
            "Write sqlite:///folder/file.db or postgresql://user:password@host:5432/database. In the user and the "
            "password write @ as %40, : as %3A, / as %2F, % as %25; or put the password into PGPASSWORD."
        ),
    )


def _sqlite_path(text: str) -> Path:
    literal = Path(text)
    return literal if literal.exists() or "%" not in text else Path(unquote(text))


def _parameters(parts: SplitResult) -> dict[str, str]:
    found = {
        "host": unquote(parts.hostname or ""),
        "port": str(parts.port or ""),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "dbname": unquote(parts.path.removeprefix("/")),
    }
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in ALLOWED_PARAMETERS:
            raise _parameter_error()
        found[name] = value
    if parts.fragment or "/" in found["dbname"]:
        raise ValueError
    return {name: value for name, value in found.items() if value}


def _parameter_error() -> DatabaseUrlError:
    return DatabaseUrlError(
        _("The address of the database has a parameter that Potok does not pass on."),
        remedy=_("Allowed are: {names}.").format(names=", ".join(ALLOWED_PARAMETERS)),
    )
