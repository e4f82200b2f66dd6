-- How to reach a producer, from several sources: what holds only for a while, and what may not be kept of an account.

ALTER TABLE producer_contacts ADD COLUMN expires_at timestamptz;
COMMENT ON TABLE producer_contacts IS 'How to reach a producer, as a source states it: kind is a field''s standard name (instagram, website, soundcloud, ...), or bio, email or image; value is a handle, an address, a URL or a text, source_id the record that says so. A value with expires_at is of no use afterwards.';

-- Whether the upstream refuses our credentials: then waiting does not help.
ALTER TABLE upstream_budgets ADD COLUMN is_refusal boolean NOT NULL DEFAULT false;

CREATE OR REPLACE FUNCTION clear_suppressed_fields() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Whose handle may not be kept, of that account nothing may be, whoever has it.
    IF is_contact_suppressed(NEW.id) OR is_value_suppressed('instagram', NEW.instagram_handle) THEN
        NEW.email := NULL;
        NEW.image_url := NULL;
        NEW.instagram_handle := NULL;
        NEW.instagram_bio := NULL;
        NEW.metadata := '{}';
        RETURN NEW;
    END IF;
    IF is_value_suppressed('email', NEW.email) THEN
        NEW.email := NULL;
    END IF;
    IF is_value_suppressed('image', NEW.image_url) THEN
        NEW.image_url := NULL;
    END IF;
    IF is_value_suppressed('bio', NEW.instagram_bio) THEN
        NEW.instagram_bio := NULL;
    END IF;
    RETURN NEW;
END $$;

-- Whether a producer made a record of an artist whom a person asked for.
CREATE FUNCTION is_producer_of_requested(producer_id bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (
    SELECT FROM track_producers tp
    JOIN tracks t ON t.id = tp.track_id
    JOIN albums al ON al.id = t.album_id
    JOIN artists a ON a.id = al.artist_id
    WHERE tp.producer_id = is_producer_of_requested.producer_id AND a.requested_at IS NOT NULL
);
