"""A Slurm cluster of this one machine, on the loopback device."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = ('munged', 'slurmctld', 'slurmd', 'sbatch', 'srun', 'scancel')
INSTALL = 'apt-get install slurm-wlm munge'
CONF = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
AuthInfo=socket={folder}/munge.socket
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SwitchType=switch/none
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=1
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
KillWait=1
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> str | None:
    """What there is no cluster without, and how to install it."""
    path = f'{os.environ["PATH"]}:/usr/sbin:/sbin'
    lacking = [name for name in PROGRAMS if not shutil.which(name, path=path)]
    return f'no {", ".join(lacking)}: {INSTALL}' if lacking else None


@contextmanager
def slurm_cluster(folder: Path) -> Iterator[dict[str, str]]:
    """Start the cluster.

    Args:
        folder (Path): Gets its files; a short path, for sockets.

    Yields:
        dict[str, str]: Environment of the commands of Slurm.
    """
    for name in ('state', 'spool'):
        (folder / name).mkdir()
    conf, host = folder / 'slurm.conf', socket.gethostname().split('.')[0]
    user, ports = getpass.getuser(), _free_ports(2)
    conf.write_text(
        CONF.format(folder=folder, host=host, user=user, ports=ports)
    )
    key = folder / 'munge.key'
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    environment = dict(
        SLURM_CONF=str(conf), PATH=f'{os.environ["PATH"]}:/usr/sbin:/sbin'
    )
    munge = ['munged', '-F', '-f', f'--key-file={key}']
    for name in ('socket', 'pid', 'log', 'seed'):
        option = 'pid-file' if name == 'pid' else f'{name}-file'
        option = 'socket' if name == 'socket' else option
        munge.append(f'--{option}={folder}/munge.{name}')
    started = []
    try:
        for command in (
            munge,
            ['slurmctld', '-D', '-i', '-f', str(conf)],
            ['slurmd', '-D', '-f', str(conf), '-N', host],
        ):
            with (folder / f'{command[0]}.log').open('w') as log:
                started.append(
                    subprocess.Popen(
                        command,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        env=os.environ | environment,
                    )
                )
        _wait_for_node(environment, started, folder)
        yield environment
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def _wait_for_node(environment: dict, started: list, folder: Path) -> None:
    command = ['sinfo', '-h', '-o', '%T']
    end = time.monotonic() + 60
    state = None
    while time.monotonic() < end:
        result = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env=os.environ | environment,
        )
        state = result.stdout.strip() or result.stderr
        if state == 'idle':
            return
        if any(process.poll() is not None for process in started):
            break
        time.sleep(0.2)
    logs = [p.read_text()[-1000:] for p in folder.glob('*.log')]
    raise RuntimeError(f'no node: {state}\n{logs}')


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    for one in sockets:
        one.bind(('127.0.0.1', 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
