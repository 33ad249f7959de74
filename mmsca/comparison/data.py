"""The images of a comparison, written by a tool or there already."""

import subprocess
import sys

from mmsca.comparison.project import tool
from mmsca.comparison.table import Table
from mmsca.utils.errors import InputError


def prepare_data(table: Table) -> None:
    """Have a tool write the data of a comparison, if it has one.

    Raises:
        InputError: If the data is missing, other data is there, or no
            evaluation has what it needs.
    """
    data, root = table.data, table.data_root
    if missing := [f for f in data.folders if not (root / f).exists()]:
        raise InputError(
            f"The comparison '{table.name}' needs {data.title} in '{root}', "
            f'which has no {", ".join(missing)}. {data.guide} shows how to '
            'make it; `data_root` names another place.'
        )
    if data.tool:
        command = [sys.executable, tool(data.tool), root, *data.arguments]
        result = subprocess.run(
            list(map(str, command)), capture_output=True, text=True
        )
        if result.returncode:
            raise InputError(
                f'{data.title} could not be written: '
                f'{result.stderr.strip().removeprefix("error: ")}'
            )
    if not any(map(table.evaluations_of, table.backbones)):
        needs = {name for e in table.evaluations for name in table.lacks(e)}
        raise InputError(
            f"The comparison '{table.name}' has nothing to evaluate: '{root}' "
            f'has no {", ".join(sorted(needs)) or "evaluation left"}. '
            'docs/compare.md says what an evaluation needs.'
        )
