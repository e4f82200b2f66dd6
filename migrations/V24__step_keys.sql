-- The message of a step.

-- The key of the message of a step, as Message::key in domain/messages.rs writes it.
CREATE FUNCTION key_of_step(kind text, subject text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN kind || ':' || subject;
