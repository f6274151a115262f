"""What `python3 manage.py …` is made of, from a bare Python to running servers.

bootstrap    makes the virtual environment; standard library only, as everything it imports
paths        where the checkout, the data folder and the private sockets are
providers    finds PostgreSQL and Valkey: wheel, then the machine's own, then a sentence that helps
launcher     starts one server so that it dies with its parent, also as root
servers      PostgreSQL and Valkey on private sockets in a data folder
supervisor   migrate, seed, web, worker, beat; restarts what dies; stops in order
claim        one holder of a data folder at a time, and how others find its servers
environment  reads the settings from environment variables
"""
