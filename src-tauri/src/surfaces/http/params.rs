//! Strictly parsed request parameters: fields of the JSON body and parameters of the query.

use std::ops::RangeBounds;

use auralis_core::{ApiError, ErrorCode};
use axum::body::Bytes;
use axum::extract::{FromRequest, Query, Request};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::http_error::HttpError;

/// The parameters that were not read yet.
#[derive(Debug)]
pub(super) struct RequestParams {
    body: Map<String, Value>,
    query: Vec<(String, String)>,
}

impl<S: Send + Sync> FromRequest<S> for RequestParams {
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Self, HttpError> {
        let malformed = |message: String| ApiError::new(ErrorCode::Malformed, message);
        let query = Query::try_from_uri(request.uri()).map_err(|error| malformed(error.body_text()))?.0;
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|error| HttpError(error.status(), malformed(error.body_text())))?;
        Ok(RequestParams { body: parse(&body)?, query })
    }
}

fn parse(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(params)) => Ok(params),
        Ok(_) => Err(ApiError::new(ErrorCode::Malformed, "The body must be a JSON object.")),
        Err(error) => Err(ApiError {
            code: ErrorCode::Malformed,
            message: format!("The body is not JSON: {error}."),
            field: if error.is_eof() { None } else { field_at(body, &error) },
        }),
    }
}

/// Returns the field whose value is not JSON: some languages write numbers that JSON does not have, such as `NaN`.
fn field_at(body: &[u8], error: &serde_json::Error) -> Option<String> {
    let text = str::from_utf8(body).ok()?;
    let line_start = text.split_inclusive('\n').take(error.line().checked_sub(1)?).map(str::len).sum::<usize>();
    let before = text.get(..line_start + error.column().saturating_sub(1))?;
    let key = before.rsplit_once(':')?.0.trim_end().strip_suffix('"')?;
    Some(key.rsplit_once('"')?.1.to_owned())
}

impl RequestParams {
    /// Reads a required finite number.
    pub(super) fn number(&mut self, name: &str) -> Result<f64, ApiError> {
        self.optional_number(name, ..)?.ok_or_else(|| missing(name))
    }

    pub(super) fn optional_number(
        &mut self,
        name: &str,
        range: impl RangeBounds<f64>,
    ) -> Result<Option<f64>, ApiError> {
        let Some(number) = self.take::<f64>(name, "a number")? else { return Ok(None) };
        if !number.is_finite() || !range.contains(&number) {
            return Err(ApiError::for_field(ErrorCode::OutOfRange, name, format!("{name} is out of range.")));
        }
        Ok(Some(number))
    }

    /// Reads an optional integer within `range`.
    pub(super) fn integer<T: TryFrom<i64>>(
        &mut self,
        name: &str,
        range: impl RangeBounds<i64>,
    ) -> Result<Option<T>, ApiError> {
        let Some(number) = self.take::<i64>(name, "a whole number")? else { return Ok(None) };
        let fits = range.contains(&number).then(|| T::try_from(number).ok()).flatten();
        let out_of_range = || ApiError::for_field(ErrorCode::OutOfRange, name, format!("{name} is out of range."));
        fits.map(Some).ok_or_else(out_of_range)
    }

    /// Reads an optional value. `kind` names its type for the error message.
    pub(super) fn take<T: DeserializeOwned>(&mut self, name: &str, kind: &str) -> Result<Option<T>, ApiError> {
        let query_value =
            self.query.iter().position(|(given, _)| given == name).map(|index| self.query.swap_remove(index).1);
        let value = match (self.body.remove(name), query_value) {
            (Some(Value::Null), None) | (None, None) => return Ok(None),
            (Some(value), _) => serde_json::from_value(value).ok(),
            // A string, or else a number or the like.
            (None, Some(text)) => match serde_json::from_value(Value::String(text.clone())) {
                Ok(value) => Some(value),
                Err(_) => serde_json::from_str(&text).ok(),
            },
        };
        let wrong = || ApiError::for_field(ErrorCode::Malformed, name, format!("{name} must be {kind}."));
        value.map(Some).ok_or_else(wrong)
    }

    /// Rejects the request if parameters are left.
    pub(super) fn reject_unknown(self) -> Result<(), ApiError> {
        let unknown = self.body.into_iter().map(|(name, _)| name).chain(self.query.into_iter().map(|(name, _)| name));
        match unknown.into_iter().next() {
            None => Ok(()),
            Some(name) => {
                Err(ApiError::for_field(ErrorCode::Malformed, &name, format!("There is no field {name} here.")))
            }
        }
    }
}

pub(super) fn missing(name: &str) -> ApiError {
    ApiError::for_field(ErrorCode::Malformed, name, format!("{name} is missing."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_field_that_is_not_json() {
        for (body, field) in [
            (r#"{"position": NaN}"#, Some("position")),
            (r#"{"a": 1, "position": -Infinity}"#, Some("position")),
            ("{\"a\": 1,\n \"volume\" : 1e999}", Some("volume")),
            (r#"{"volume": }"#, Some("volume")),
            ("{", None),
            ("NaN", None),
            ("[1]", None),
        ] {
            let error = parse(body.as_bytes()).expect_err(body);
            assert_eq!(error.field.as_deref(), field, "{body}: {error}");
        }
    }
}
