-- one by one
-- Rows that are never changed are vacuumed soon after they were written, and frozen then: their pages are still in memory, and since
-- the same checkpoint, so that the log gets a line of each and not the whole page. By default that waits until a fifth of the table is new.
-- What the planner knows of such tables grows old slowly, and a look at them holds a snapshot.
alter table transaction set (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000,
  autovacuum_freeze_min_age = 0, autovacuum_analyze_scale_factor = 0.5);
alter table transfer set (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000,
  autovacuum_freeze_min_age = 0, autovacuum_analyze_scale_factor = 0.5);
alter table entry set (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000,
  autovacuum_freeze_min_age = 0, autovacuum_analyze_scale_factor = 0.5);
alter table idempotency set (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000,
  autovacuum_freeze_min_age = 0, autovacuum_analyze_scale_factor = 0.5);
alter table journal set (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000,
  autovacuum_freeze_min_age = 0, autovacuum_analyze_scale_factor = 0.5);
