//! The currencies that an OFX file may be kept in.

use crate::domain::Currency;

/// The active codes of ISO 4217 that money is kept in, in byte order.
const CODES: &str = "\
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD \
CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP \
GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD \
KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK \
NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD \
SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UYW UZS VED VES VND VUV WST \
XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// Whether the code is one of ISO 4217: readers of OFX refuse any other.
pub(super) fn is_iso(currency: &Currency) -> bool {
    CODES.split(' ').any(|code| code == currency.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_code_is_none() {
        let is = |code: &str| is_iso(&Currency::parse(code).expect("a code"));
        assert!(is("USD") && is("CAD") && is("JPY") && is("KWD") && is("ZWG") && is("AED"));
        assert!(!is("XYZ") && !is("BTC"));
    }
}
