"""English, as the guard knows it."""

from __future__ import annotations

import re
from typing import Final

from gateway.cache.semantic.english_forms import degrees, stem
from gateway.cache.semantic.lexicon import Lexicon, grouped, listed, paired, words

_KINDS: Final = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"\bor\b", "choice"),
        (r"\b(what|which)('s| is| was| are)? (the )?names? of\b", "named"),
        (r"\b(differ|differs|difference|differences)\b", "what"),
        (r"\b(what|which)( is|'s| was)? the (date|time|year) (of|when)\b", "time"),
        (r"\bhow (is|are|was|were) (the|my|your|our|this) \w+( \w+)?( in | today| on |\?|$)", "what"),
        (r"\b(how many|number of|count of|how often)\b", "count"),
        (r"\b(what|which) time\b.*\b(complexity|zone)\b", "what"),
        (r"\b(when|(what|which) (time|date|day|year|month)|since when|until when)\b", "time"),
        (r"\bfor how long\b|\bhow long\b|\bhow many days until\b|\bhow much time\b", "duration"),
        (
            r"\bhow (tall|high|big|large|old|far|fast|heavy|wide|deep|loud|hot|cold|expensive|much|long|good|bad|"
            r"safe|common|strong|quickly|soon)\b",
            "measure",
        ),
        (
            r"\b(how (do|does|did|can|could|would|should|to|is|are|may)\b|"
            r"(steps|way|ways|procedure|process|method|instructions|command|path) (to|for|of)\b|"
            r"what('s| is| are| must| do| should| can)? .*\b(i|we|you|one) (need to |have to |must )?do\b.* to\b|"
            r"what (can|must|should|do) (i|we) (need to )?do\b|how does|how:|how\?|is there a way)",
            "howto",
        ),
        (r"\bwhat helps\b", "howto"),
        (r"\b(why|what (makes|made|causes|caused)|reasons?|how come|causes?)\b", "reason"),
        (r"\b(who|whose|whom|which person|by whom|what person|which (people|artist|author))\b", "person"),
        (r"\b(where|which place|what place|in (which|what) (town|city|place))\b", "place"),
        (r"(^|, )(hi |hello |please |and |so )*(is|are|was|were|do|does|did|can|could|may|might|must|should|will|would|has|have|"
         r"am|had|isn't|aren't|don't|doesn't|won't|can't)\b(?!.*\b(tell|explain|recommend|describe|give|show|write) )",
         "yesno"),
        (r"\bhow\b", "howto"),
        (r"\b(i|we) (want|need|would like|'d like|wish) (to|my|a)\b|\bi'd like\b", "howto"),
        (r"^(please )?(give|show) me\b", "give"),
        (r"\b(what|which)\b", "what"),
        (r"^(please )?(list|name|show|give|define|explain|describe|tell|recommend|suggest|meaning)\b", "what"),
    )
)  # fmt: skip

ENGLISH: Final = Lexicon(
    language="en",
    common=words(
        "a an the this that these those i me my mine we us our you your it its he him she they them is are was were be "
        "been being am do does did doing done have has had having can could may might shall should will would must to "
        "of in on at for by with from as and or but if so then than there here what which who whom whose when where "
        "why how please just also very really me's i'm i'd i've it's what's who's there's that's let's one ones "
        "any some all each every much many into onto through during about between among per s re ll ve d t hi hello "
        "hey thanks thank today's now actually maybe exactly currently simply only own via whether current moment"
    ),
    frames=words(
        "way ways step steps procedure process method thing things kind kinds possible possibility able allow allowed "
        "permitted option ok okay fine alright happens happen happened going go mean means meaning called call_ let like question answer "
        "exactly briefly part fact"
    ),
    wrappings=(
        re.compile(
            r"^(can|could|would|will) you (please )?(tell|explain|give|show|list|describe)( to)?( me| us)?( how to| the way to)?\b"
        ),
        re.compile(r"^(please )?(tell|give|show|explain to|send) (me|us)\b"),
        re.compile(r"^(please )?(list|name|explain|describe|define)\b"),
        re.compile(r"\bwhat (do|must|should|can|could) (i|we|you|one) (need to |have to )?do\b( to)?"),
        re.compile(r"\b(what(’s| is|'s)|what are) (needed|necessary|required) to\b"),
        re.compile(r"\b(i|we) (want|need|wish|would like|'d like) to\b|\bi'd like( to)?\b"),
        re.compile(r"\bhow (does|do|can|is) (it|that|this) (work|go|done)\b|\bhow does it\b"),
        re.compile(r"\bhow to\b"),
        re.compile(r"\b(what('s| is) )?the (best |easiest |right |quickest )?way (to|of)\b"),
        re.compile(r"\bat the moment\b|\bright now\b"),
        re.compile(r"^(a |the )?list of\b"),
    ),
    operations=words(
        "change delet delete enabl activat disabl deactivat export import download upload track submit report request register "
        "cancel unsubscrib subscrib renew updat check view creat"
    ),
    loose=words(
        "make set put get go com look take use liv person command formula typ city artist "
        "content someon give format convert exist turn"
    ),
    amounts=tuple(
        stem(word, False)
        for word in listed(
            "rate price cost fee tax vat interest allowance profit loss revenue deductible premium bonus salary wage "
            "rent percentage share budget turnover gdp pulse pressure limit"
        )
    ),
    extents=words("high big larg"),
    tails=listed(
        "abl ibl anc enc ations ation ition ion ions e al als ance ence able ible ably ment ments y ies ly ing s"
    ),
    implied={
        "time": words("tim dat d y mon"),
        "statement": words("compose"),
        "person": words("person nam artist"),
        "named": words("nam"),
        "place": words("plac city"),
        "reason": words("reason caus make"),
        "duration": words("long tim"),
        "count": words("number count"),
        "measure": words("amount rat"),
        "what": words("amount rat"),
    },
    negations=words("not no never none neither nor nothing cannot nowhere"),
    marks=words(
        "off out without before after until since up down away back above below under over against instead except "
        "despite unless his her hers their theirs yesterday tomorrow tonight am pm ago again first last next previous "
        "more most less least fewer fewest only every both"
    ),
    numbers=paired(
        "0 zero\n2 two twice both\n3 three thrice\n4 four\n5 five\n6 six\n7 seven\n8 eight\n9 nine\n10 ten\n11 eleven\n"
        "12 twelve dozen\n13 thirteen\n14 fourteen\n15 fifteen\n16 sixteen\n17 seventeen\n18 eighteen\n19 nineteen\n"
        "20 twenty\n30 thirty\n40 forty\n50 fifty\n60 sixty\n70 seventy\n80 eighty\n90 ninety\n100 hundred\n"
        "1000 thousand\n1000000 million\n1000000000 billion\n#1 first 1st\n#2 second 2nd seconds\n#3 third 3rd\n"
        "#4 fourth 4th\n#5 fifth 5th\n0.5 half\n0.25 quarter\n1/3 thirds"
    ),
    units=paired(
        "% percent pct\nkm kilometre kilometres kilometer kilometers kms\nm metre metres meter meters\n"
        "cm centimetre centimetres centimeter centimeters\nmm millimetre millimetres millimeter millimeters\n"
        "mi mile miles\nft feet foot\nin_ inch inches\nyd yard yards\ng gram grams gramme grammes\n"
        "kg kilogram kilograms kilo kilos\nmg milligram milligrams\noz ounce ounces\nlb lbs pound pounds\n"
        "l litre litres liter liters\nml millilitre millilitres milliliter milliliters\ngal gallon gallons\n"
        "$ dollar dollars usd bucks\n€ euro euros eur\n£ gbp sterling quid\n¥ yen jpy\nchf francs franc\n"
        "min minute minutes mins\nh hour hours hrs hr\nd day days\nw week weeks\nmon month months\n"
        "y year years yrs\n°c celsius centigrade\n°f fahrenheit\n° degree degrees\nkb kilobyte kilobytes\n"
        "mb megabyte megabytes\ngb gigabyte gigabytes gigs\ntb terabyte terabytes\nkwh\nw_ watt watts\nkw kilowatt "
        "kilowatts\nv volt volts\na_ amp amps ampere\nhp horsepower\nmph\npx pixel pixels\nppm\nkcal calories calorie\ns_ second seconds sec secs"
    ),
    degrees=degrees(),
    groups=grouped(
        """
        stop prevent
        buy purchase
        price cost charge charges fee expensive
        tall height
        old age
        far distance
        fast speed quickly quick rapidly
        big large size
        heavy weight
        wide width
        deep depth
        loud noise
        long length
        invoice bill
        begin start
        end finish
        delete erase
        parcel package
        item product article
        mother mum mom
        father dad
        film movie
        flat apartment
        holiday vacation
        email mail
        phone telephone
        mobile cellphone
        merge combine join
        cancel terminate
        money cash
        job position
        doctor physician
        firm company business enterprise
        error mistake
        picture image photo
        employee staff
        customer client
        quit resign
        answer reply respond
        kid child
        site website page webpage
        delivery shipping shipment deliver ship
        increase raise
        reduce decrease
        author writer
        city town
        kitchen cuisine
        turn switch
        need require necessary mandatory
        get receive obtain
        find see
        exchange swap
        change modify alter edit update
        compose draft write
        polite courteous
        differ difference different
        advantage benefit
        disadvantage drawback
        dangerous hazardous
        poisonous toxic
        build construct
        sick ill
        repair fix
        contact reach
        signup register
        pupil student
        submit hand
        borrow lend
        summary summarise summarize
        advice tip tips hint
        location located locate
        approve approval
        enable activate
        disable deactivate
        choose select pick
        maximum max
        minimum min
        yearly annually annual
        legal legally lawful
        illegal unlawful
        calculate compute
        divide division
        multiply multiplication
        add sum
        regex regexp
        folder directory
        laptop notebook
        support supported
        safe safely
        recipe cook
        remember remind
        simple simply
        discover discovery
        invent invention
        permit permission
        happen occur
        broken defective faulty damaged
        car automobile
        close shut
        confirm verify validate
        connect link
        couch sofa
        decline reject refuse
        elevator lift
        fail failure
        forbid prohibit ban
        fridge refrigerator
        gift present
        guide manual tutorial
        illness disease
        information info detail
        inform notify
        lawyer attorney
        luggage baggage
        motorway highway
        often frequently
        password passcode
        pay payment
        petrol gasoline
        plane aircraft airplane
        problem issue
        recommend suggest
        rent lease
        repay reimburse
        reserve book reservation
        result outcome
        rubbish garbage trash
        schedule timetable
        street road
        substitute alternative
        trip journey
        trousers pants
        worldwide global
        wrong incorrect
        normal regular usual
        famous renowned
        drug medication medicine
        collect pickup
        install installation
        translate translation
        vaccine vaccination
        expire expiry expiration
        subscribe subscription
        deadline due
        nationality citizenship
        ingredient component
        invite invitation
        unusual strange
        hotel accommodation
        afford affordable
        """,
        stem,
    ),
    bindings=words("from to by with for into onto than after before without against instead over under above below"),
    priced=re.compile(r"\bhow much (is|are)\b"),
    moods=paired(
        "may can could might allowed possible able ok okay fine permitted\nmust need needs required mandatory necessary "
        "obliged compulsory\nshould ought recommended advisable idea"
    ),
    tenses=paired("past was were did had\nnow is are do does am has have\nfuture will"),
    pasts=words(
        "won wrote gave took went came ran spoke broke drove flew fell grew knew hid ate drank began sang swam threw wore "
        "chose bought built sent made told held sold stood taught understood spent"
    ),
    auxiliaries=words("is are was were be been am have has had did"),
    scopes=paired("all every each\nsome certain"),
    timings=words("in for at by from within"),
    contrasts=words("but and or"),
    persons=paired("subject i\nobject me"),
    askers={},
    turns=(
        (re.compile(r"\b(causes? of|caused by)\b"), "subject"),
        (re.compile(r"\b(who|whom|what|which( [a-z]+){1,2}) (do|does|did|don't|doesn't|didn't)\b"), "object"),
        (re.compile(r"\b(who|what|which( [a-z]+){1,2}) (is|are|was|were|has been|have been)\b.* by \w"), "object"),
        (
            re.compile(
                r"\b(who|what|which)\b(?!.*\b(is|are|was|were|be|been|am|do|does|did|has|have|had|can|could|may|might|must|"
                r"shall|should|will|would)\b)(?!['’]s\b)"
            ),
            "subject",
        ),
    ),
    passive=words("is are was were be been being get gets got"),
    agents=words("by"),
    obliged=re.compile(r"\b(have|has|had) to\b(?! do with)"),
    thousands=",",
    kinds=_KINDS,
    stem=stem,
)
