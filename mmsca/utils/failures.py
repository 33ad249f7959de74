"""A sentence for whatever building or running a config raises.

The frames of a traceback know which part of the config was being built, so
that no tool has to say what it does.
"""

import linecache
import re
import sys
import tempfile
import traceback
from pathlib import Path
from types import FrameType

from mmengine.config import Config
from mmengine.logging import MMLogger

from mmsca.utils.build_failures import building_failure
from mmsca.utils.config_fields import read_fields
from mmsca.utils.errors import InputError
from mmsca.utils.memory_failure import memory_failure

# What torch.utils.data makes of the error of a worker: its whole traceback.
OF_WORKER = re.compile(r'^Caught \w+ in .* process|^Original Traceback', re.M)
LAST_LINE = re.compile(r'^[A-Za-z_][\w.]*(?:: |$)', re.M)


def sentence_of(error: Exception) -> str:
    """What a user is told; the traceback goes to a file that it names.

    An InputError is a sentence already.
    """
    text = message_of(error)
    if isinstance(error, InputError):
        return text
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    cfg = config_of(frames)
    if isinstance(error, OSError) and error.filename is not None:
        said = file_failure(error, cfg)
    else:
        said = (
            memory_failure(error, frames, cfg)
            or building_failure(error, frames, text, cfg)
            or text
        )
    log = keep_traceback(error)
    end = '' if said.endswith(('.', '?')) else '.'
    return f'{said}{end} The traceback is in {log}.'


def message_of(error: Exception) -> str:
    """The message of an error, without the traceback of a worker in it."""
    text = str(error)
    if isinstance(error, InputError):
        return text
    if isinstance(error, KeyError) and len(error.args) == 1:
        text = str(error.args[0])  # and not its repr
    if OF_WORKER.search(text):
        # Frames are indented, and the last line names the error.
        *_, last = LAST_LINE.finditer(text.strip())
        return text.strip()[last.start() :]
    return f'{type(error).__name__}: {text}' if text else place_of(error)


def place_of(error: Exception) -> str:
    """For an error without a message: the line that raised it."""
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    file = frame.f_code.co_filename
    code = linecache.getline(file, line).strip()
    return f"{type(error).__name__} in '{file}', line {line}: `{code}`"


def config_of(frames: list[FrameType]) -> Config | None:
    """The config of the run that failed, from the frames of its tool."""
    for frame in frames:
        for value in frame.f_locals.values():
            if isinstance(value, Config):
                return value
        cfg = getattr(frame.f_locals.get('self'), 'cfg', None)
        if isinstance(cfg, Config):
            return cfg
    return None


def file_failure(error: OSError, cfg: Config | None) -> str:
    """What is wrong with a file, and which field names it."""
    reason = error.strerror or type(error).__name__
    said = f"'{error.filename}': {reason}"
    name = Path(str(error.filename)).absolute()
    found = [
        f'{path}={value}'
        for path, value in (read_fields(cfg) if cfg else ())
        if isinstance(value, str)
        and len(value) > 1
        and Path(value).absolute() in (name, *name.parents)
    ]
    if found:
        said += f'. It comes from {", ".join(found[:3])}; correct that'
    return said


def keep_traceback(error: Exception) -> str:
    """Write the traceback to the log of the run, or to a file of its own.

    Returns:
        str: The file, or what the disk said against it.
    """
    text = ''.join(traceback.format_exception(error))
    try:
        log = log_of_run()
        if log is None:
            with tempfile.NamedTemporaryFile(
                'w', prefix='mmsca_', suffix='.log', delete=False
            ) as file:
                log = file.name
        with open(log, 'a', encoding='utf-8') as file:
            file.write(f'\n{" ".join(sys.argv)}\n{text}')
    except OSError as refused:
        return f'no file ({refused})'
    return f"'{log}'"


def log_of_run() -> str | None:
    """The file that mmengine logs to, if a run has begun."""
    if not MMLogger._instance_dict:
        return None
    for handler in MMLogger.get_current_instance().handlers:
        if file := getattr(handler, 'baseFilename', None):
            return file
    return None
