"""Everything Qt. Imports engine; never torch, networkx or h5py."""
