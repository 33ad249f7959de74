"""dist_train.sh on two CPU ranks, on one host and on two."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from mmsca.utils.run_checkpoints import newest_whole_checkpoint

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as server:
        server.bind(('127.0.0.1', 0))
        return server.getsockname()[1]


CONFIG = ROOT / 'configs/sca/swav_sca_r18_materials.py'
# One of two hosts dies before the fourth step.
DEADLY_CONFIG = f"""
_base_ = '{CONFIG}'
custom_imports = dict(
    imports=['mmsca', 'killing_host_hook'], allow_failed_imports=False
)
default_hooks = dict(
    killer=dict(type='mmsca.KillingHostHook', rank=1, at=3)
)
"""


def start(
    data, work_dir, ranks, port, *args, config=CONFIG, node_rank=0, nodes=1
):
    """dist_train.sh on one of the hosts: a running process."""
    environment = os.environ | dict(
        PATH=f'{Path(sys.executable).parent}:{os.environ["PATH"]}',
        PYTHONPATH=str(ROOT / 'tests'),
        GLOO_SOCKET_IFNAME='lo',
        PORT=str(port),
        NNODES=str(nodes),
        NODE_RANK=str(node_rank),
        MASTER_ADDR='127.0.0.1',
    )
    command = [
        *('bash', 'tools/dist_train.sh'),
        *(config, str(ranks)),
        *('--work-dir', work_dir, *args, '--cfg-options'),
        f'train_dataloader.dataset.data_root={data}',
        'train_dataloader.batch_size=8',
        'train_dataloader.num_workers=0',
        'train_dataloader.persistent_workers=False',
        'train_cfg.max_epochs=2',
        'model.head.queue_length=32',
        'model.head.queue_start=0',
        'default_hooks.checkpoint.by_epoch=False',
        'default_hooks.checkpoint.interval=1',
    ]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def last_state(work_dir):
    checkpoint = torch.load(
        newest_whole_checkpoint(work_dir), weights_only=False
    )
    return checkpoint['meta']['iter'], checkpoint['state_dict']


@pytest.fixture(scope='module')
def one_host(material_scenes, tmp_path_factory):
    """Work directory of a run on one host that nothing stopped."""
    work_dir = tmp_path_factory.mktemp('one host')
    process = start(material_scenes, work_dir, 2, free_port())
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert ', 2 ranks, fp32' in output
    return work_dir


def test_two_cpu_ranks_train(one_host):
    # 40 images are 2 steps of 2 x 8; both ranks' embeddings fill the queue.
    iteration, state = last_state(one_host)
    assert iteration == 4
    assert state['head.queue.filled'] == 32
    assert (state['head.queue.rows'].norm(dim=2) > 0.99).all()


def test_a_host_dies_and_both_resume(one_host, material_scenes, tmp_path):
    config = tmp_path / 'deadly.py'
    config.write_text(DEADLY_CONFIG)

    def train_on_two_hosts(*args):
        port = free_port()
        hosts = [
            start(
                *(material_scenes, tmp_path, 1, port, *args),
                config=config,
                node_rank=rank,
                nodes=2,
            )
            for rank in range(2)
        ]
        outputs = [host.communicate()[0] for host in hosts]
        return [host.returncode for host in hosts], outputs

    codes, outputs = train_on_two_hosts()
    assert codes[1] == -signal.SIGKILL, outputs[1]
    assert codes[0] not in (0, -signal.SIGKILL), outputs[0]
    assert last_state(tmp_path)[0] == 3

    codes, outputs = train_on_two_hosts('--resume')
    assert codes == [0, 0], '\n'.join(outputs)
    iteration, state = last_state(tmp_path)
    expected_iteration, expected = last_state(one_host)
    assert iteration == expected_iteration
    assert state.keys() == expected.keys()
    for key, value in expected.items():
        assert torch.equal(state[key], value), key
