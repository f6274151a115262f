"""The planner, rule by rule and as a whole. Worlds are invented and small (`tests.worlds`), or the shipped pools."""
