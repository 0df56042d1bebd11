//! Days since the epoch and dates of the proleptic Gregorian calendar.
//!
//! Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (`civil_from_days` and
//! `days_from_civil`), <https://howardhinnant.github.io/date_algorithms.html>.

const DAYS_PER_ERA: i64 = 146_097;
const YEARS_PER_ERA: i64 = 400;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_SHIFT_DAYS: i64 = 719_468;

/// A date; `month` from 1 to 12, `day` from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i64,
    pub(super) month: u8,
    pub(super) day: u8,
}

/// The date that lies so many days after 1970-01-01.
pub(super) fn date_from_days(days: i64) -> Date {
    let shifted = days + EPOCH_SHIFT_DAYS;
    let era = shifted.div_euclid(DAYS_PER_ERA);
    let day_of_era = shifted.rem_euclid(DAYS_PER_ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * YEARS_PER_ERA + i64::from(month <= 2);
    Date { year, month: month as u8, day: day as u8 }
}

/// How many days after 1970-01-01 the date lies.
pub(super) fn days_from_date(date: Date) -> i64 {
    let (month, day) = (i64::from(date.month), i64::from(date.day));
    let year = date.year - i64::from(month <= 2);
    let era = year.div_euclid(YEARS_PER_ERA);
    let year_of_era = year.rem_euclid(YEARS_PER_ERA);
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_PER_ERA + day_of_era - EPOCH_SHIFT_DAYS
}

/// How many days the month has; `month` from 1 to 12.
pub(super) fn days_in_month(year: i64, month: u8) -> u8 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_from_1970_to_2554_follows_the_one_before_and_maps_back() {
        let mut expected = Date { year: 1970, month: 1, day: 1 };
        for days in 0..=213_503 {
            let date = date_from_days(days);
            assert_eq!(date, expected, "day {days}");
            assert_eq!(days_from_date(date), days);
            expected = match date {
                Date { year, month, day } if day < days_in_month(year, month) => {
                    Date { year, month, day: day + 1 }
                }
                Date { year, month: 12, .. } => Date { year: year + 1, month: 1, day: 1 },
                Date { year, month, .. } => Date { year, month: month + 1, day: 1 },
            };
        }
        assert_eq!(date_from_days(213_503), Date { year: 2554, month: 7, day: 21 });
    }

    #[test]
    fn a_century_is_a_leap_year_only_every_400_years() {
        for (year, days) in [(1970, 28), (1972, 29), (2000, 29), (2026, 28), (2100, 28), (2400, 29)]
        {
            assert_eq!(days_in_month(year, 2), days, "{year}");
        }
    }

    #[test]
    fn dates_before_the_epoch_have_negative_days() {
        assert_eq!(days_from_date(Date { year: 1969, month: 12, day: 31 }), -1);
        assert_eq!(date_from_days(-1), Date { year: 1969, month: 12, day: 31 });
        assert_eq!(days_from_date(Date { year: 0, month: 3, day: 1 }), -EPOCH_SHIFT_DAYS);
    }
}
