-- What each of several records that are one album says of it: the album has of each the first that is said.

CREATE TABLE pressings (
    source                 source NOT NULL,
    source_id              text COLLATE "C" NOT NULL,
    album_type             album_type,
    release_date           date,
    release_date_precision date_precision,
    upc                    text COLLATE "C",
    label                  text,
    genres                 text[] NOT NULL,
    durations_ms           integer[] NOT NULL,
    isrcs                  text[] NOT NULL,
    PRIMARY KEY (source, source_id),
    FOREIGN KEY (source, source_id) REFERENCES loaded_records ON DELETE CASCADE,
    CHECK ((release_date IS NULL) = (release_date_precision IS NULL))
);
CREATE INDEX pressings_upc_idx ON pressings (upc) WHERE upc IS NOT NULL;
COMMENT ON TABLE pressings IS 'What records of dumps say of an album that several of them are, one row each; none for an album that is one record, as the album has it all. durations_ms and isrcs are those of its tracks by disc and number, 0 and '''' where nobody says them.';
