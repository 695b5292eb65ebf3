"""The emulated C7x: memory, mailbox, device."""
