"""The statements behind a pool's calendar: one row a bar, which is all that one reservation or maintenance holds there.

The first so many bars of each row are given, with how many there are. What has no title is called by its devices.
Projects are read from hosts alone: each node holds one, and many times as many blocks.
"""

_STATEMENT = """
SELECT b.row, b.total, r.project_id, r.created_by_id, coalesce(r.priority = 'low', false), coalesce(r.code, m.code),
       CASE WHEN m.id IS NOT NULL THEN m.reason WHEN r.title <> '' THEN r.title ELSE coalesce((
           SELECT string_agg(told.value || ' × ' || coalesce(replace(c.name, c.vendor || ' ', ''), told.key), ' + ')
           FROM jsonb_each_text(r.price -> 'devices') told LEFT JOIN fabric_deviceclass c ON c.code = told.key
       ), r.code) END,
       coalesce(p.name, ''), coalesce(r.state, ''), coalesce(r.starts_at, m.starts_at), coalesce(r.ends_at, m.ends_at),
       b.busy_from, b.busy_until, b.blocks
FROM (
    SELECT {row} AS row, a.reservation_id, a.maintenance_id, min(lower(a.during)) AS busy_from,
           max(upper(a.during)) AS busy_until, count(a.block_id) AS blocks,
           row_number() OVER (
               PARTITION BY {row} ORDER BY min(lower(a.during)), a.reservation_id, a.maintenance_id
           ) AS nth,
           count(*) OVER (PARTITION BY {row}) AS total
    FROM scheduler_allocation a
    {joined}
    LEFT JOIN scheduler_reservation v ON v.id = a.reservation_id
    WHERE {row} = ANY(%(rows)s) AND a.during && tstzrange(%(begin)s, %(end)s)
      AND a.pool_id = (SELECT id FROM fabric_pool WHERE code = %(pool)s)
      AND (NOT %(is_narrowed)s OR a.reservation_id IS NOT NULL AND (%(sees_all)s OR v.project_id = ANY(%(seen)s)))
      AND (%(project)s::text IS NULL OR v.project_id = (SELECT id FROM scheduler_project WHERE slug = %(project)s))
      AND (%(state)s::text IS NULL OR v.state = %(state)s)
      AND (%(creator)s::bigint IS NULL OR v.created_by_id = %(creator)s)
    GROUP BY {row}, a.reservation_id, a.maintenance_id
) b
LEFT JOIN scheduler_reservation r ON r.id = b.reservation_id
LEFT JOIN scheduler_project p ON p.id = r.project_id
LEFT JOIN scheduler_maintenance m ON m.id = b.maintenance_id
WHERE b.nth <= %(most)s
ORDER BY b.row, b.nth
"""
_OF_A_BLOCK = "JOIN fabric_resourceblock u ON u.id = a.block_id"
STATEMENTS = {
    "host": _STATEMENT.format(row="a.host_id", joined=""),
    "pru": _STATEMENT.format(row="u.pru_id", joined=_OF_A_BLOCK),
    "class": _STATEMENT.format(row="u.device_class_id", joined=_OF_A_BLOCK),
    "project": _STATEMENT.format(row="v.project_id", joined="JOIN fabric_host h ON h.id = a.host_id"),
}
UNION_OF_OTHERS = """
SELECT lower(whole), upper(whole)
FROM unnest((
    SELECT range_agg(a.during)
    FROM scheduler_allocation a
    JOIN scheduler_reservation v ON v.id = a.reservation_id
    WHERE a.host_id IS NOT NULL AND a.during && tstzrange(%(begin)s, %(end)s)
      AND NOT %(is_narrowed)s AND NOT %(sees_all)s
      AND a.pool_id = (SELECT id FROM fabric_pool WHERE code = %(pool)s) AND NOT v.project_id = ANY(%(seen)s)
)) whole
"""
