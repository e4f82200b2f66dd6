-- What a source calls those whom it names by an id, record by record: the name that most records give them holds.

ALTER TABLE credits ADD COLUMN stated_name text;
ALTER TABLE track_artists ADD COLUMN stated_name text;
ALTER TABLE albums ADD COLUMN stated_artist_name text;
COMMENT ON COLUMN credits.stated_name IS 'The name that the record files whom it credits under, where it is another than credited_as.';
COMMENT ON COLUMN track_artists.stated_name IS 'What the record calls the artist, where it is of a source whose records differ in that.';
COMMENT ON COLUMN albums.stated_artist_name IS 'The same of artist_id.';

CREATE TABLE artist_pages (
    source    source NOT NULL,
    source_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (source, source_id)
);
COMMENT ON TABLE artist_pages IS 'The artists of a source whose own page was loaded: what it calls them holds, whatever records do.';

CREATE TABLE unsettled_names (
    source    source NOT NULL,
    source_id text COLLATE "C" NOT NULL
);
COMMENT ON TABLE unsettled_names IS 'Those whom a load met under several names, until it has its indexes and they are counted.';
