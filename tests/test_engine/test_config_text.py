from mmengine.config import Config
from yapf.yapflib import yapf_api

from mmsca.engine.config_text import lay_out_once


def test_a_text_is_laid_out_once(monkeypatch):
    texts = []

    def lay_out(text, style_config):
        texts.append(text)
        return text.upper(), True

    monkeypatch.setattr(yapf_api, 'FormatCode', lay_out)
    lay_out_once()
    lay_out_once()
    cfg = Config(dict(a=1))
    assert cfg.pretty_text == cfg.pretty_text == 'A=1'
    assert len(texts) == 1
    cfg.a = 2
    assert cfg.pretty_text == 'A=2'
    assert len(texts) == 2
