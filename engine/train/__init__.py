"""Every way of learning is a generator of events; nothing here knows who listens."""
