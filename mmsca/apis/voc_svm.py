"""SVMs on features of VOC2007: the whole of tools/voc_svm.py."""

import argparse
from pathlib import Path

import mmengine
import numpy as np
from sklearn.preprocessing import normalize

from mmsca.apis.extract_features import extract_features
from mmsca.apis.knn import add_model_arguments
from mmsca.apis.load import load_backbone
from mmsca.datasets.voc_file import check_images
from mmsca.evaluation.voc_svm import (
    FOLDS,
    PRESENT,
    draw_shots,
    full_svm,
    low_shot_svm,
)
from mmsca.utils.errors import InputError
from mmsca.utils.options import count
from mmsca.utils.places import RESULTS, check_file
from mmsca.utils.whole_file import ATOMIC


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Train linear SVMs on features of VOC2007 trainval, with '
        'all labels and with few, and give the mean average precision on '
        'test.'
    )
    add_model_arguments(parser)
    parser.add_argument(
        'voc',
        help='folder VOCdevkit/VOC2007, with JPEGImages and ImageSets/Main',
    )
    parser.add_argument(
        '--shots',
        type=count,
        nargs='*',
        default=[1, 2, 4, 8, 16, 32, 64, 96],
        help='numbers of positive images of a class; none of them after the '
        'bare flag (default: %(default)s)',
    )
    parser.add_argument(
        '--draws',
        type=count,
        default=5,
        help='draws for each number of shots (default: %(default)s)',
    )
    parser.add_argument(
        '--jobs',
        type=int,
        default=1,
        help='processes; -1 is one per core (default: %(default)s)',
    )
    parser.add_argument('--work-dir', help='folder of the results')
    parser.add_argument(
        '--out', help='results; default: WORK_DIR/voc_svm.json'
    )
    args = parser.parse_args(argv)
    if args.jobs == 0:
        parser.error('--jobs must not be 0')
    return args


def read_voc(
    root: Path, split: str
) -> tuple[list[Path], np.ndarray, list[str]]:
    """Images and labels of a split.

    Args:
        root (Path): VOCdevkit/VOC2007.
        split (str): `trainval` or `test`.

    Returns:
        tuple[list[Path], np.ndarray, list[str]]: Paths of N images, labels
        (N, K): 1, -1, or 0 for an object that is difficult to recognize, and
        the names of the K classes in alphabetic order.

    Raises:
        InputError: If the files are not those of VOC, or disagree, or a
            class has too few images to be scored.
    """
    folder = root / 'ImageSets' / 'Main'
    files = sorted(folder.glob(f'*_{split}.txt'))
    if not files:
        raise InputError(
            f"'{folder}' holds no <class>_{split}.txt. Give the folder "
            'VOCdevkit/VOC2007 of VOCtrainval_06-Nov-2007.tar and '
            'VOCtest_06-Nov-2007.tar, unpacked into each other.'
        )
    ids, columns = None, []
    for file in files:
        rows = [line.split() for line in file.read_text().splitlines()]
        if not rows or any(
            len(row) != 2 or row[1] not in ('1', '0', '-1') for row in rows
        ):
            raise InputError(
                f"'{file}' is no list of VOC. Expected lines of an image and "
                '1, 0 or -1, such as `000005 -1`.'
            )
        names = [name for name, _ in rows]
        if ids is not None and names != ids:
            raise InputError(
                f"'{file}' lists other images than '{files[0]}'. Unpack the "
                'archives anew.'
            )
        ids = names
        columns.append([int(label) for _, label in rows])
    classes = [file.name.removesuffix(f'_{split}.txt') for file in files]
    # Each fold that chooses C needs an image of the class.
    needed = FOLDS if split == 'trainval' else 1
    for file, column in zip(files, columns, strict=True):
        if column.count(PRESENT) < needed:
            raise InputError(
                f"'{file}' lists {column.count(PRESENT)} images of the class, "
                f'and {needed} are needed. Take the class out of trainval '
                'and test, or add images.'
            )
    paths = [root / 'JPEGImages' / f'{name}.jpg' for name in ids]
    return paths, np.array(columns).T, classes


def print_row(shots: str, scores: dict) -> None:
    mean, eleven_points = scores['mAP'], scores['mAP_11point']
    print(f'{shots:>5}  {mean:10.2f}  {eleven_points:15.2f}')


def voc_svm(argv: list[str] | None = None) -> dict:
    """Evaluate, print a table and write the results.

    Returns:
        dict: What is written: `full` holds mean average precisions and those
        of each class, `low_shot` those for each number of shots, in percent.
    """
    args = parse_args(argv)
    root = Path(args.voc)
    paths, labels, classes = read_voc(root, 'trainval')
    test_paths, test_labels, test_classes = read_voc(root, 'test')
    if test_classes != classes:
        raise InputError(
            f"'{root}' has other classes in test, {', '.join(test_classes)}, "
            f'than in trainval, {", ".join(classes)}. Unpack the archives '
            'anew.'
        )
    for k in args.shots:
        draw_shots(labels, k, seed=0)  # refuses too many before the work
    model = load_backbone(
        args.checkpoint,
        args.config,
        options=args.cfg_options,
        trust=args.trust_checkpoint,
    )
    work_dir = args.work_dir or model.cfg.work_dir
    out = args.out or Path(work_dir, 'voc_svm.json')
    out = check_file(out, '--out', RESULTS)
    names = [path.stem for path in (*paths, *test_paths)]
    check_images(root / 'JPEGImages', names, root / 'ImageSets' / 'Main')
    features = normalize(extract_features(model, paths))
    test_features = normalize(extract_features(model, test_paths))
    data = (features, labels, test_features, test_labels)

    print(f'{"shots":>5}  mAP (area)  mAP (11 points)')
    results = full_svm(*data, jobs=args.jobs)
    of_class = dict(zip(classes, results, strict=True))
    full = dict(
        mAP=100 * np.mean([r['area'] for r in results]),
        mAP_11point=100 * np.mean([r['11point'] for r in results]),
        AP={name: 100 * r['area'] for name, r in of_class.items()},
        C={name: r['cost'] for name, r in of_class.items()},
    )
    print_row('all', full)
    low_shot = {}
    for k in args.shots:
        result = low_shot_svm(*data, k, args.draws, jobs=args.jobs)
        low_shot[str(k)] = dict(
            mAP=100 * result['area'],
            mAP_11point=100 * result['11point'],
            std=100 * result['std'],
            C=result['cost'],
        )
        print_row(str(k), low_shot[str(k)])
    report = dict(
        config=args.config,
        checkpoint=args.checkpoint,
        num_trainval=len(labels),
        num_test=len(test_labels),
        draws=args.draws,
        full=full,
        low_shot=low_shot,
    )
    mmengine.dump(report, str(out), indent=2, backend_args=ATOMIC)
    print(f'Written to {out}')
    return report
