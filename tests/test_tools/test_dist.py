"""dist_train.sh on two CPU ranks."""

import os
import subprocess
import sys
from pathlib import Path

import torch

ROOT = Path(__file__).parents[2]


def test_two_cpu_ranks_train(material_scenes, tmp_path):
    environment = os.environ | dict(
        PATH=f'{Path(sys.executable).parent}:{os.environ["PATH"]}',
        PORT='29613',
    )
    process = subprocess.run(
        [
            *('bash', 'tools/dist_train.sh'),
            *('configs/sca/swav_sca_r18_materials.py', '2'),
            *('--work-dir', tmp_path, '--cfg-options'),
            f'train_dataloader.dataset.data_root={material_scenes}',
            'train_dataloader.batch_size=8',
            'train_dataloader.num_workers=0',
            'train_cfg.max_epochs=1',
            'model.head.queue_length=32',
            'model.head.queue_start_epoch=0',
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert 'Distributed launcher: pytorch' in process.stdout
    checkpoint = torch.load(
        (tmp_path / 'last_checkpoint').read_text(), weights_only=False
    )
    # 40 images are 2 steps of 2 x 8; both ranks' embeddings fill the queue.
    assert checkpoint['meta']['iter'] == 2
    state = checkpoint['state_dict']
    assert state['head.queue.filled'] == 32
    assert (state['head.queue.rows'].norm(dim=2) > 0.99).all()
