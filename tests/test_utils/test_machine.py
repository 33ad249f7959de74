import platform
from pathlib import Path

from mmsca.utils.machine import cpu_name


def test_cpu_has_a_name(monkeypatch):
    name = cpu_name()
    assert name and name == name.strip()
    file = Path('/proc/cpuinfo')
    if name != platform.machine():
        assert f': {name}\n' in file.read_text()
    monkeypatch.setattr(Path, 'exists', lambda self: False)
    assert cpu_name() == platform.machine()
