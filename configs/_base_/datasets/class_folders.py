# Class folders with labels. Those who inherit this add the folders, pipelines
# and sizes of batches.
def loader(sampler, **fields):
    return dict(
        persistent_workers=True,
        sampler=dict(type=sampler, **fields),
        collate_fn=dict(type='mmsca.stack_images'),
        dataset=dict(type='mmsca.ClassFolders'),
    )


train_dataloader = loader('mmsca.KeyedSampler', shuffle=True)
val_dataloader = loader('DefaultSampler', shuffle=False)
test_dataloader = loader('DefaultSampler', shuffle=False)
val_evaluator = test_evaluator = dict(type='Accuracy')
