"""Operations: the admin site for the few who run pools and projects.

Stock Django admin, so that it needs no styles or scripts of its own. What the product decides (states, allocations,
attachments, journal, proofs) can be looked at and never edited; what changes goes through the same services as anywhere
else, with a reason, as an *act* on chosen rows. `powers` names the permissions that make somebody an operator.
"""
