"""Asking the trail: any question has a first answer within half a second, and none is false."""
