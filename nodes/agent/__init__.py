"""The root daemon of every node: makes the machine match the signed state. No Django, so that it
stays small.
"""
