-- The login with which Grafana reads: a member of felinar_dashboards, which Felinar's migrations make (docs/adr/0013). To be run by psql,
-- as a user that may create roles, in Felinar's database; again, whenever the password changes. The password stands in a file:
-- /run/secrets/grafana_database_password, or psql -v password_file=…
\set ON_ERROR_STOP on
\if :{?password_file}
\else
  \set password_file /run/secrets/grafana_database_password
\endif
\setenv FELINAR_PASSWORD_FILE :password_file
\set password `cat "$FELINAR_PASSWORD_FILE"`
SELECT :'password' = '' AS without_password \gset
SELECT to_regnamespace('dashboard') IS NULL AS without_schema \gset
\if :without_password
  DO $$ BEGIN RAISE EXCEPTION 'the password file is empty or missing: make it first (docker compose run --rm secrets)'; END $$;
\elif :without_schema
  DO $$ BEGIN RAISE EXCEPTION 'this database has no schema for dashboards yet: start Felinar’s API once, which makes it'; END $$;
\endif
SELECT rolsuper AS is_superuser FROM pg_roles WHERE rolname = current_user \gset
\if :is_superuser
  -- Not into the server's log, whatever is logged there.
  SET log_statement = 'none';
  SET log_min_error_statement = 'panic';
\endif
BEGIN;
SELECT 'CREATE ROLE felinar_grafana LOGIN IN ROLE felinar_dashboards'
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'felinar_grafana') \gexec
GRANT felinar_dashboards TO felinar_grafana;
SELECT format('ALTER ROLE felinar_grafana LOGIN NOCREATEDB NOCREATEROLE PASSWORD %L', :'password') \gexec
ALTER ROLE felinar_grafana SET statement_timeout = '30s';
COMMIT;
\echo Grafana may log in as felinar_grafana.
