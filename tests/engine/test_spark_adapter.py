"""What stands in the way of Spark is said before Spark is touched."""

import subprocess
import sys

import pytest

from potok.core.errors import EXIT_ENVIRONMENT
from potok.engine import spark
from potok.engine.spark import JavaMissingError, SparkMissingError, SparkSettings, check_java, start_session


def java(tmp_path, monkeypatch, version_line):
    program = tmp_path / "bin" / "java"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho '{version_line}' >&2\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))


def test_without_the_extra_the_remedy_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(SparkMissingError, match="Spark is not installed") as caught:
        start_session(SparkSettings())
    assert "potok[spark]" in caught.value.remedy
    assert caught.value.exit_code == EXIT_ENVIRONMENT


def test_without_java_the_remedy_names_it(monkeypatch, tmp_path):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JavaMissingError, match="none was found") as caught:
        check_java()
    assert "JAVA_HOME" in caught.value.remedy


@pytest.mark.parametrize(("line", "found"), [('openjdk version "11.0.2"', "11"), ('java version "1.8.0_402"', "8")])
def test_an_old_java_is_named(monkeypatch, tmp_path, line, found):
    java(tmp_path, monkeypatch, line)
    with pytest.raises(JavaMissingError, match=f"found is Java {found}"):
        check_java()


def test_a_java_that_tells_no_version_is_none(monkeypatch, tmp_path):
    java(tmp_path, monkeypatch, "broken")
    with pytest.raises(JavaMissingError, match="none was found"):
        check_java()


def test_a_new_java_will_do(monkeypatch, tmp_path):
    java(tmp_path, monkeypatch, 'openjdk version "17.0.15" 2025-04-15')
    assert spark._java_version() == 17
    check_java()


def test_importing_the_adapter_does_not_import_spark():
    code = "import sys, potok.engine.spark; sys.exit('pyspark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
