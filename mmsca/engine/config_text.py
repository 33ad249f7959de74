"""The text of a config, laid out once."""

from functools import cache

from yapf.yapflib import yapf_api


def lay_out_once() -> None:
    """Keep what yapf makes of a text.

    mmengine lays the config of a run out several times at its start, and again
    for each checkpoint. That of a detector takes a second each time.
    """
    lay_out = yapf_api.FormatCode

    @cache
    def laid_out(text: str, style: tuple, options: tuple):
        return lay_out(text, style_config=dict(style), **dict(options))

    def from_memory(text: str, style_config: dict, **options):
        return laid_out(text, (*style_config.items(),), (*options.items(),))

    yapf_api.FormatCode = from_memory
