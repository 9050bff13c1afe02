"""What PyTorch keeps of a forward pass for the backward pass."""

import torch


def stored(module, inputs):
    """Bytes of all tensors that autograd saves, each storage once, parameters and buffers left out."""
    own = {t.untyped_storage().data_ptr() for t in (*module.parameters(), *module.buffers())}
    seen = {}
    alive = []

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            seen[storage.data_ptr()] = storage.nbytes()
            # A storage that is freed could be another's place.
            alive.append(tensor)
        return tensor

    module.train()
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        module(*inputs)
    return sum(seen.values())
