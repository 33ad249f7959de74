"""`--cfg-options KEY=VALUE`: what is typed, as a value."""

import argparse
from collections.abc import Iterable, Iterator

from mmengine.config import DictAction

BRACKETS = {'(': ')', '[': ']'}


class Options(DictAction):
    """mmengine's DictAction, with values that keep their spaces.

    A value in quotes that reach the tool, such as `'a="x, y"'` in a shell,
    is the text between them.
    """

    _parse_iterable = staticmethod(lambda text: parse_value(text))

    def __call__(self, parser, namespace, values, option_string=None) -> None:
        try:
            for value in values:
                split_option(value)
            super().__call__(parser, namespace, values, option_string)
        except ValueError as error:
            raise argparse.ArgumentError(self, str(error)) from error


def split_option(text: str) -> tuple[str, str]:
    """Key and value of `key=value`; of something else a ValueError."""
    key, equals, value = text.partition('=')
    if not key or not equals:
        raise ValueError(
            f"'{text}' is not of the form KEY=VALUE. A value with spaces is "
            'put in quotes: KEY="a b".'
        )
    return key, value


def count(text: str) -> int:
    """A whole number of 1 or more, as the `type` of an argument."""
    try:
        if (number := int(text)) >= 1:
            return number
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(
        f'{text} is not a whole number of 1 or more'
    )


def parse_options(texts: Iterable[str]) -> dict:
    """Several `key=value` as a dictionary for `Config.merge_from_dict`."""
    pairs = map(split_option, texts)
    return {key: parse_value(value) for key, value in pairs}


def write_option(key: str, value: str) -> str:
    """The option that gives a field this text, in quotes if it needs them."""
    if parse_value(value) == value:
        return f'{key}={value}'
    quote = '"' if '"' not in value else "'"
    return f'{key}={quote}{value}{quote}'


def parse_value(text: str):
    """A number, bool, None, list or tuple; a text if it is none of them.

    Args:
        text (str): Such as `1e-3`, `a b`, `1,2`, `[(1,2),c]` or `"a,b"`, the
            last with its quotes.

    Raises:
        ValueError: If brackets or quotes are not closed where commas divide
            a list, or for a dictionary.
    """
    text = text.strip()
    quoted = text[:1] in ('"', "'")
    if quoted and text.find(text[0], 1) == len(text) - 1:
        return text[1:-1]
    if text.startswith(('{', 'dict(')):
        raise ValueError(
            f"'{text}' is a dictionary. Set its fields one by one: "
            'KEY.FIELD=VALUE.'
        )
    if is_bracketed(text):
        values = [parse_value(part) for part in split_at_commas(text[1:-1])]
        return tuple(values) if text[0] == '(' else values
    if ',' in text:
        return [parse_value(part) for part in split_at_commas(text)]
    return DictAction._parse_int_float_bool(text)


def is_bracketed(text: str) -> bool:
    """Whether one pair of brackets encloses the text."""
    return (
        text[:1] in BRACKETS
        and text.endswith(BRACKETS[text[0]])
        and all(depth > 0 for _, depth in depths(text[:-1]))
    )


def split_at_commas(text: str) -> list[str]:
    """The parts between commas that are in no brackets and no quotes."""
    parts, depth = [''], 0
    for char, depth in depths(text):
        if char == ',' and not depth:
            parts.append('')
        else:
            parts[-1] += char
    if depth:
        raise ValueError(
            f"'{text}' opens a bracket or a quote that is not closed. Put "
            'a text with commas into quotes of its own.'
        )
    # As in Python, the comma behind the last element is not counted.
    return parts if parts[-1].strip() else parts[:-1]


def depths(text: str) -> Iterator[tuple[str, int]]:
    """Each character, and how many brackets and quotes it stands in."""
    open_ones = []
    for char in text:
        if open_ones and open_ones[-1] == char:
            open_ones.pop()
        elif not (open_ones and open_ones[-1] in '\'"'):
            if char in BRACKETS:
                open_ones.append(BRACKETS[char])
            elif char in '\'"':
                open_ones.append(char)
        yield char, len(open_ones)
