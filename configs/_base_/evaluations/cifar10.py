# CIFAR-10: neighbours and a linear classifier.
_base_ = './classifier.py'

data = dict(
    title='CIFAR-10',
    root='data/cifar10',
    folders=['train', 'test'],
    guide='configs/sca/README.md',
)
split = 'test'
classifier = 'classification/r18_linear_cifar10.py'
evaluations = dict(
    knn=dict(config=classifier),
    linear=dict(config=classifier),
    linear_test=dict(
        tool='test.py',
        config=classifier,
        weights='linear',
        columns={'linear': 'accuracy/top1'},
    ),
)
