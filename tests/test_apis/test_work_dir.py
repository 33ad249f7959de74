import pytest
import torch
from mmengine.config import Config

from mmsca.apis.work_dir import guarded_work_dir
from mmsca.utils.errors import InputError
from mmsca.utils.run_checkpoints import last_checkpoint


@pytest.fixture
def used(tmp_path):
    """A work directory with two checkpoints, of which the last is named."""
    for i in (1, 2):
        meta = dict(epoch=i, iter=i)
        torch.save(dict(meta=meta), tmp_path / f'epoch_{i}.pth')
    last = tmp_path / 'last_checkpoint'
    last.write_text(f'{tmp_path}/epoch_2.pth')
    return tmp_path


def guarded(folder, resume=False, overwrite=False, launcher='none'):
    cfg = Config(dict(work_dir=str(folder), resume=resume, launcher=launcher))
    return guarded_work_dir(cfg, overwrite)


def test_a_fresh_run_does_not_go_over_another(used):
    with pytest.raises(InputError, match=r'epoch_2.pth. is of an .* --resume'):
        with guarded(used):
            pass
    assert len(list(used.glob('*.pth'))) == 2


def test_it_does_so_where_it_may(used):
    with guarded(used, overwrite=True):
        assert sorted(p.name for p in used.iterdir()) == ['.lock']


def test_a_run_that_resumes_mends_an_empty_last_checkpoint(used):
    (used / 'last_checkpoint').write_text('')
    with guarded(used, resume=True):
        pass
    last = str(used / 'epoch_2.pth')
    assert (used / 'last_checkpoint').read_text() == last


def test_no_checkpoint_is_an_error(tmp_path, used, monkeypatch):
    tmp_path = tmp_path / 'run'
    tmp_path.mkdir()
    (tmp_path / 'last_checkpoint').touch()
    monkeypatch.chdir(used)  # whose checkpoints are not those of the run
    with pytest.raises(InputError, match='There is no checkpoint in'):
        last_checkpoint(tmp_path)


@pytest.mark.parametrize(
    'launcher, rank, locks',
    [('none', 1, True), ('pytorch', 0, True), ('pytorch', 1, False)],
)
def test_the_first_rank_locks_for_all(
    tmp_path, monkeypatch, launcher, rank, locks
):
    monkeypatch.setenv('RANK', str(rank))
    with guarded(tmp_path, launcher=launcher):
        assert (tmp_path / '.lock').exists() == locks
