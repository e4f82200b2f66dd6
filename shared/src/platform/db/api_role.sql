GRANT USAGE ON SCHEMA public TO linernotes_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO linernotes_api;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO linernotes_api;
REVOKE INSERT, UPDATE, DELETE ON refinery_schema_history FROM linernotes_api;
REVOKE INSERT, DELETE ON api_keys FROM linernotes_api;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
DO $$
DECLARE setting text;
BEGIN
    FOREACH setting IN ARRAY ARRAY[
        'statement_timeout = ''10s''', 'lock_timeout = ''10s''',
        'idle_in_transaction_session_timeout = ''60s''', 'jit = off'
    ] LOOP
        EXECUTE format('ALTER ROLE linernotes_api IN DATABASE %I SET %s', current_database(), setting);
    END LOOP;
END $$;
