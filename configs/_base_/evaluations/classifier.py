# Neighbours and a linear classifier. Those who inherit this name the config.
evaluations = dict(
    knn=dict(
        tool='knn.py', arguments=['--k', '20'], columns={'kNN': 'top1.20'}
    ),
    linear=dict(tool='train.py'),
)
