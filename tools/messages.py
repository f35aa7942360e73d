"""Collect messages from the source into the catalogues and compile them; ``--check`` only says what is out of date.

The English text is the message itself, so only Russian has a catalogue with translations.
"""

import argparse
import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "potok"
LOCALE = SOURCE / "locale"
FOLDER = LOCALE / "ru" / "LC_MESSAGES"
KEYWORDS = {"gettext": None, "_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "mark": None}


def main() -> int:
    """Update or check the catalogues."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--missing", action="store_true", help="print the messages without a Russian translation")
    arguments = parser.parse_args()
    catalogue = read_catalogue()
    catalogue.update(extract(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    if arguments.missing:
        print_missing(catalogue)
        return 0
    problems = untranslated(catalogue)
    if arguments.check:
        return report(problems + outdated(catalogue))
    (FOLDER / "potok.po").write_bytes(as_po(catalogue))
    (FOLDER / "potok.mo").write_bytes(as_mo(catalogue))
    return report(problems)


def read_catalogue() -> Catalog:
    """Read the Russian catalogue and the parts waiting to be merged into it."""
    catalogue = Catalog(locale="ru", project="potok")
    for file in [FOLDER / "potok.po", *sorted(FOLDER.glob("*.part.po"))]:
        if file.exists():
            with file.open("rb") as stream:
                for message in read_po(stream, locale="ru"):
                    forms = [message.string] if isinstance(message.string, str) else message.string
                    # Plural forms not translated yet must not hide those of a part.
                    if message.id and any(forms):
                        catalogue.add(message.id, message.string, context=message.context)
    return catalogue


def extract() -> Catalog:
    """Extract the messages of the source and its templates."""
    template = Catalog(project="potok")
    methods = [("**.py", "python"), ("**.html", "jinja2"), ("**.jinja", "jinja2")]
    found = extract_from_dir(SOURCE, method_map=methods, keywords=KEYWORDS, strip_comment_tags=True)
    for _file, _line, message, _comments, context in found:
        template.add(message, context=context)
    return template


def is_translated(message: object) -> bool:
    """Return whether every form of a message has a translation."""
    string = message.string  # type: ignore[attr-defined]  # Babel's Message
    return all(string) if isinstance(string, tuple) else bool(string)


def untranslated(catalogue: Catalog) -> list[str]:
    """Return complaints about messages without translation or with other placeholders than the English."""
    problems = [f"not translated: {message.id!r}" for message in catalogue if message.id and not is_translated(message)]
    strange = [message for message in catalogue if message.id and is_translated(message) and not same_fields(message)]
    return problems + [f"other placeholders than the English: {message.id!r}" for message in strange]


def same_fields(message: object) -> bool:
    """Return whether a translation uses only placeholders of the English text."""
    import string

    ids = message.id if isinstance(message.id, tuple) else (message.id,)  # type: ignore[attr-defined]  # Babel's Message
    texts = message.string if isinstance(message.string, tuple) else (message.string,)  # type: ignore[attr-defined]  # Babel's Message

    def fields(text: str) -> set[str]:
        return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}

    allowed = set().union(*(fields(text) for text in ids))
    try:
        return all(fields(text) <= allowed for text in texts)
    except ValueError:
        return False


def outdated(catalogue: Catalog) -> list[str]:
    """Return complaints about catalogue files that differ from what would be written."""
    files = {"potok.po": as_po(catalogue), "potok.mo": as_mo(catalogue)}
    stale = [name for name, content in files.items() if not is_same(FOLDER / name, content)]
    parts = [file.name for file in FOLDER.glob("*.part.po")]
    return [f"{name} is out of date: run make messages" for name in stale] + [f"{name} is not merged" for name in parts]


def is_same(file: Path, content: bytes) -> bool:
    """Return whether a file has this content."""
    return file.exists() and file.read_bytes() == content


def as_po(catalogue: Catalog) -> bytes:
    """Return the catalogue as text, without places and dates, which change with every edit."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, omit_header=False, no_location=True, sort_output=True, width=120)
    lines = buffer.getvalue().decode().splitlines(keepends=True)
    dated = (
        '"POT-Creation-Date',
        '"PO-Revision-Date',
        '"Last-Translator',
        '"Generated-By',
        '"Report-Msgid',
        "# ",
        "#\n",
    )
    return "".join(line for line in lines if not line.startswith(dated)).encode()


def as_mo(catalogue: Catalog) -> bytes:
    """Return the compiled catalogue."""
    with io.BytesIO(as_po(catalogue)) as text:
        clean = read_po(text, locale="ru")
    clean.creation_date = clean.revision_date = datetime(2026, 1, 1, tzinfo=UTC)  # else every build differs
    buffer = io.BytesIO()
    write_mo(buffer, clean)
    return buffer.getvalue()


def print_missing(catalogue: Catalog) -> None:
    """Print what has no translation yet."""
    for message in catalogue:
        if message.id and not is_translated(message):
            sys.stdout.write(f"{message.id!r}\n")


def report(problems: list[str]) -> int:
    """Print complaints; return the exit code."""
    for problem in problems:
        sys.stdout.write(problem + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
