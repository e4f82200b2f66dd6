-- Contact details from several sources: values that expire, and accounts of which nothing may be stored.

ALTER TABLE producer_contacts ADD COLUMN expires_at timestamptz;
COMMENT ON TABLE producer_contacts IS 'Contact details of a producer as a source states them. kind: the field (instagram, website, soundcloud, ...), or bio, email or image; value: a handle, an address, a URL or a text; source_id: the record that states it. A value is not valid after its expires_at.';

-- Whether the upstream refused our credentials. Waiting does not help then.
ALTER TABLE upstream_budgets ADD COLUMN is_refusal boolean NOT NULL DEFAULT false;

CREATE OR REPLACE FUNCTION clear_suppressed_fields() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- If the handle is suppressed, so is everything else about that account, whichever producer has it.
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

-- Whether the producer produced a track on an album of a requested artist.
CREATE FUNCTION is_producer_of_requested(producer_id bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (
    SELECT FROM track_producers tp
    JOIN tracks t ON t.id = tp.track_id
    JOIN albums al ON al.id = t.album_id
    JOIN artists a ON a.id = al.artist_id
    WHERE tp.producer_id = is_producer_of_requested.producer_id AND a.requested_at IS NOT NULL
);
