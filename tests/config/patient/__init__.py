"""The product with a creation that waits for a file: what a real worker carries in these tests."""
