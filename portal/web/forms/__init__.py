"""Forms turn typed text into the same mapping a program would send; the scheduler's parser judges both alike.

`typed` holds what was typed (nothing of it is lost), `reading` takes it out of a POST and edits it, `local_time` asks
which instant a wall clock means, `payload` makes the wire form, `from_wire` goes back for “copy” and “try again”.
"""
