from pathlib import Path

import pytest

from potok.core.errors import EXIT_ENVIRONMENT
from potok.demo.permit_files import DemoFolderError
from potok.demo.permit_service import generate, write_permit_log


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("here first")
    with pytest.raises(DemoFolderError, match="cannot be written") as caught:
        write_permit_log(in_the_way / "demo", log=generate(1))
    assert caught.value.where == str(in_the_way / "demo")
    assert caught.value.exit_code == EXIT_ENVIRONMENT


def test_an_earlier_export_is_replaced(tmp_path: Path) -> None:
    write_permit_log(tmp_path, log=generate(20))
    files = write_permit_log(tmp_path, log=generate(1))
    assert "РЗ-2025-00002" not in files.utf8.read_text(encoding="utf-8")
    assert not list(tmp_path.glob("*.partial"))
