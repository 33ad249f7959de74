import multiprocessing
import os
import threading

import pytest

from mmsca.datasets.write_once import write_once


@pytest.fixture
def file(tmp_path):
    return tmp_path / 'below' / 'file'


def test_a_write_that_stops_leaves_what_was_there(file):
    def stop(part):
        part.write_text('half')
        raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            write_once(file, file.exists, stop)
        assert not file.exists()
    write_once(file, file.exists, lambda part: part.write_text('whole'))
    with pytest.raises(KeyboardInterrupt):
        write_once(file, lambda: False, stop)
    assert file.read_text() == 'whole'
    assert not list(file.parent.glob('*.part'))


def write_and_die(file):
    def die(part):
        part.write_text('half of what was to come')
        os._exit(1)

    write_once(file, file.exists, die)


def test_a_killed_writer_is_followed_by_the_next(file):
    process = multiprocessing.get_context('fork').Process(
        target=write_and_die, args=(file,)
    )
    process.start()
    process.join()
    assert process.exitcode == 1
    assert not file.exists() and list(file.parent.glob('*.part'))
    write_once(file, file.exists, lambda part: part.write_text('whole'))
    assert file.read_text() == 'whole'


def append_line(file, log):
    def write(part):
        with log.open('a') as stream:
            stream.write(f'{os.getpid()}\n')
        part.write_text('whole')

    write_once(file, file.exists, write)
    assert file.read_text() == 'whole'


def test_of_several_processes_one_writes(file, tmp_path):
    log = tmp_path / 'log'
    context = multiprocessing.get_context('fork')
    processes = [
        context.Process(target=append_line, args=(file, log)) for _ in range(4)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert len(log.read_text().splitlines()) == 1


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
