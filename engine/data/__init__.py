"""What can be learned from: named sources, seeded splits, batches that live on the device."""
