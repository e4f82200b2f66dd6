-- The names that the records of a source give to one id. The name on most records becomes the name of the artist or producer.

ALTER TABLE credits ADD COLUMN stated_name text;
ALTER TABLE track_artists ADD COLUMN stated_name text;
ALTER TABLE albums ADD COLUMN stated_artist_name text;
COMMENT ON COLUMN credits.stated_name IS 'Name under which the record lists the credited person, if it differs from credited_as.';
COMMENT ON COLUMN track_artists.stated_name IS 'Name of the artist on the record, for sources whose records differ in it.';
COMMENT ON COLUMN albums.stated_artist_name IS 'Name of artist_id as the source states it, if it differs from artists.name.';

CREATE TABLE artist_pages (
    source    source NOT NULL,
    source_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (source, source_id)
);
COMMENT ON TABLE artist_pages IS 'Artists whose own page at the source was loaded. The name on the page takes precedence over the names on records.';

CREATE TABLE unsettled_names (
    source    source NOT NULL,
    source_id text COLLATE "C" NOT NULL
);
COMMENT ON TABLE unsettled_names IS 'Artists that a load found under several names. They are resolved when the load has created its indexes.';
