"""How often somebody may do something: rates, the buckets that keep count of them, and who is counted where.

A *rate* is so many calls in so many seconds. A *bucket* belongs to one token, person, project or address: it holds so
many calls, each call takes one out, and it fills again evenly. It is kept in Valkey, all buckets of a call are asked
at once; where Valkey is away, the API goes on without, and tries of passwords are counted in the process.
"""
