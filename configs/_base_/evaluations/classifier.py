# Neighbours and a linear classifier. Those who inherit this name the config.
explanation = (
    'kNN and linear: top-1 accuracy of nearest neighbours and of a linear '
    'classifier on frozen features.'
)
evaluations = dict(
    knn=dict(
        tool='knn.py', arguments=['--k', '20'], columns={'kNN': 'top1.20'}
    ),
    linear=dict(tool='train.py'),
)
