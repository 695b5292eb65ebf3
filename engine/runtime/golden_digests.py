"""What the golden programs must give; apart from what runs them, so that a window can name it without loading the engine."""

# SHA-256 over every tensor a golden program writes, in order: what this arithmetic gave when it was reviewed.
GOLDEN_DIGESTS = {
    "classifier": "e983125beee35fb881f91c599d16da8a490d4cb469dd41e56347629da02016b4",
    "operators": "39c83237f6ea705408c1c4b8e06701de4bc10d7e3346c0b282ef19aad019acb2",
}
