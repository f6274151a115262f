"""The portal as it looks on a working day: a lab pool full of bookings in every state, all its pages, their pictures.

`scene` plays some days through the real services in a moment, `pages` names every page once, `shots` takes them in a
real browser. For `manage.py screenshots` and for tests, never for a site: nothing else but the bench may import it.
"""
