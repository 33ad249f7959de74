import multiprocessing
import os
import threading
from functools import partial
from pathlib import Path

import pytest

from mmsca.datasets.write_once import write_once


@pytest.fixture
def file(tmp_path):
    return tmp_path / 'below' / 'file'


def write_and_die(file):
    def die(part):
        part.write_text('half of what was to come')
        os._exit(1)

    write_once(file, lambda: False, die)


def test_a_killed_writer_is_followed_by_the_next(file):
    for text in ('first', 'second'):
        before = file.read_text() if file.exists() else None
        process = multiprocessing.get_context('fork').Process(
            target=write_and_die, args=(file,)
        )
        process.start()
        process.join()
        assert process.exitcode == 1
        assert list(file.parent.glob('*.part'))
        assert (file.read_text() if file.exists() else None) == before
        write_once(file, lambda: False, partial(Path.write_text, data=text))
        assert file.read_text() == text


def test_who_comes_while_it_is_written_waits(file):
    begun, waits, order = threading.Event(), threading.Event(), []

    def slow(part):
        begun.set()
        assert waits.wait(60)
        part.write_text('whole')
        order.append('written')

    def is_current():
        waits.set()  # the second is past its first look, or about to lock
        return file.exists()

    first = threading.Thread(target=write_once, args=(file, file.exists, slow))
    first.start()
    assert begun.wait(60)
    write_once(file, is_current, lambda part: order.append('twice'))
    order.append('used')
    first.join()
    assert order == ['written', 'used']
