//! The parameters of statements: the built-in Postgres type for each Rust type, including our ids and enums.

use chrono::{DateTime, NaiveDate, Utc};
use tokio_postgres::types::{ToSql, Type};

/// A parameter of a statement.
pub trait Param: Send + Sync {
    /// The Postgres type of the parameter.
    fn postgres_type(&self) -> Type;
    /// The value to send.
    fn value(&self) -> &(dyn ToSql + Sync);
}

/// A Rust type that is sent as one Postgres type.
pub trait Typed: ToSql + Send + Sync {
    /// The Postgres type.
    const TYPE: Type;
}

/// A Rust type that can be an element of an array.
pub trait Element: ToSql + Send + Sync {
    /// The Postgres type of the array.
    const ARRAY: Type;
}

impl<T: Typed> Param for T {
    fn postgres_type(&self) -> Type {
        T::TYPE
    }

    fn value(&self) -> &(dyn ToSql + Sync) {
        self
    }
}

macro_rules! scalars {
    ($($rust:ty => $scalar:ident, $array:ident;)+) => {$(
        impl $crate::domain::params::Typed for $rust {
            const TYPE: tokio_postgres::types::Type = tokio_postgres::types::Type::$scalar;
        }
        impl $crate::domain::params::Element for $rust {
            const ARRAY: tokio_postgres::types::Type = tokio_postgres::types::Type::$array;
        }
    )+};
}
pub(crate) use scalars;

/// Implements the traits for sending one of our types to Postgres as a built-in one and for reading it back:
/// `$write` converts to the built-in value, `$read` converts from it.
macro_rules! sql_type {
    ($name:ident => $scalar:ident, $array:ident, $write:expr, $read:expr) => {
        $crate::domain::params::scalars! { $name => $scalar, $array; }

        impl tokio_postgres::types::ToSql for $name {
            fn to_sql(
                &self,
                sql_type: &tokio_postgres::types::Type,
                out: &mut bytes::BytesMut,
            ) -> Result<tokio_postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
                ($write)(self).to_sql(sql_type, out)
            }

            fn accepts(sql_type: &tokio_postgres::types::Type) -> bool {
                *sql_type == tokio_postgres::types::Type::$scalar
            }

            tokio_postgres::types::to_sql_checked!();
        }

        impl<'a> tokio_postgres::types::FromSql<'a> for $name {
            fn from_sql(
                sql_type: &tokio_postgres::types::Type,
                bytes: &'a [u8],
            ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
                Ok(($read)(tokio_postgres::types::FromSql::from_sql(
                    sql_type, bytes,
                )?)?)
            }

            fn accepts(sql_type: &tokio_postgres::types::Type) -> bool {
                *sql_type == tokio_postgres::types::Type::$scalar
            }
        }
    };
}
pub(crate) use sql_type;

scalars! {
    bool => BOOL, BOOL_ARRAY;
    i16 => INT2, INT2_ARRAY;
    i32 => INT4, INT4_ARRAY;
    i64 => INT8, INT8_ARRAY;
    f32 => FLOAT4, FLOAT4_ARRAY;
    f64 => FLOAT8, FLOAT8_ARRAY;
    &str => TEXT, TEXT_ARRAY;
    String => TEXT, TEXT_ARRAY;
    Vec<u8> => BYTEA, BYTEA_ARRAY;
    uuid::Uuid => UUID, UUID_ARRAY;
    NaiveDate => DATE, DATE_ARRAY;
    DateTime<Utc> => TIMESTAMPTZ, TIMESTAMPTZ_ARRAY;
    serde_json::Value => JSONB, JSONB_ARRAY;
}

impl<T: Typed> Typed for Option<T> {
    const TYPE: Type = T::TYPE;
}

impl<T: Element> Element for Option<T> {
    const ARRAY: Type = T::ARRAY;
}

impl<T: Typed> Typed for &T {
    const TYPE: Type = T::TYPE;
}

impl<T: Element> Element for &T {
    const ARRAY: Type = T::ARRAY;
}

impl<T: Element> Typed for Vec<T> {
    const TYPE: Type = T::ARRAY;
}

impl<T: Element> Typed for &[T] {
    const TYPE: Type = T::ARRAY;
}
