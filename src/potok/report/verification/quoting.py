"""Quotation marks within quotation marks: names of services and agencies often have some of their own."""

from potok.core.language import quoted as put_in_quotes


def quoted(text: str) -> str:
    """Put a text in the quotation marks of the current language; those within it become inner ones."""
    return nest_quotes(put_in_quotes(text))


def nest_quotes(text: str) -> str:
    """Write quotation marks that stand within others as inner ones: «звание „Ветеран труда“».

    A text whose marks do not match is left as it is.
    """
    if text.count("«") != text.count("»"):
        return text
    written, depth = [], 0
    for letter in text:
        if letter == "«":
            depth += 1
        written.append({"«": "„", "»": "“"}.get(letter, letter) if depth > 1 else letter)
        if letter == "»":
            depth -= 1
    return "".join(written)
